"""An SMSC that stands on another project's server (smppy): prints each message that it is given, a JSON object a line."""

import asyncio
import json
import logging
import sys

from smppy.server import Application


def text_of(value):
    return value.decode() if isinstance(value, bytes) else str(value)


class Centre(Application):
    async def handle_bound_client(self, client):
        tell(bound=text_of(client.system_id))
        return client if text_of(client.password) == sys.argv[2] else None

    async def handle_unbound_client(self, client):
        tell(unbound=True)

    async def handle_sms_received(self, client, source_number, dest_number, text):
        tell(source=text_of(source_number), to=text_of(dest_number), text=text_of(text))


def tell(**what):
    print(json.dumps(what), flush=True)


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
server = Centre("smsc", logging.getLogger("smsc")).create_server(loop=loop, host="127.0.0.1", port=int(sys.argv[1]))
tell(listening=True)
loop.run_forever()
