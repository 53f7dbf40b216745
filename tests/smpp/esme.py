"""An ESME that stands on another project's client (smpplib): sends what stands on standard input, a JSON object a line
with `from`, `to` and `text`, and prints for each line how it was answered; long texts go in parts."""

import json
import sys

import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm

host, port, system_id, password = sys.argv[1:5]
client = smpplib.client.Client(host, int(port), allow_unknown_opt_params=True, timeout=20)
client.connect()
try:
    client.bind_transceiver(system_id=system_id, password=password)
except smpplib.exceptions.PDUError as refused:
    print(json.dumps({"bind": refused.args[1]}), flush=True)
    sys.exit(0)
print(json.dumps({"bind": 0}), flush=True)

statuses = {}
client.set_message_sent_handler(lambda pdu: statuses.__setitem__(pdu.sequence, pdu.status))
client.set_error_pdu_handler(lambda pdu: statuses.__setitem__(pdu.sequence, pdu.status))
delivered = []
client.set_message_received_handler(lambda pdu: delivered.append(pdu) and None)

for line in sys.stdin:
    message = json.loads(line)
    parts, coding, esm_class = smpplib.gsm.make_parts(message["text"])
    sequences = []
    for part in parts:
        pdu = client.send_message(
            source_addr_ton=smpplib.consts.SMPP_TON_INTL,
            source_addr=message["from"],
            dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
            destination_addr=message["to"],
            short_message=part,
            data_coding=coding,
            esm_class=esm_class,
            registered_delivery=message.get("receipt", False),
        )
        sequences.append(pdu.sequence)
    while any(sequence not in statuses for sequence in sequences):
        client.read_once()
    print(json.dumps({"parts": len(parts), "statuses": [statuses[s] for s in sequences]}), flush=True)

client.unbind()
client.disconnect()
