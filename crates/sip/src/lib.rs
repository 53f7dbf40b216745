//! SIP on the wire: messages read and written, PASSporT checked, redress cards signed. Pure.
