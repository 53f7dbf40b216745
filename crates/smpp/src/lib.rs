//! SMPP 3.4 and 5.0 on the wire: PDUs, GSM 7-bit and UCS-2, long messages put together. Pure.
