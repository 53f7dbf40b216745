// A provider on loopback with two users. Prints its address on one line; the test starts and ends it.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const redirect = process.argv[2];
const people = {
  wang: { preferred_username: "Wang.Li", name: "王丽", groups: ["police-stop", "lunch"], area: "430100" },
  chen: { preferred_username: "chen", name: "陈晨", groups: ["lunch"], area: "430100" },
};

const server = createServer((request, response) => provider.callback()(request, response));
let provider;
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  provider = new Provider(issuer, {
    clients: [{ client_id: "shouhu", client_secret: "a secret of the test", redirect_uris: [redirect] }],
    claims: { openid: ["sub"], profile: ["name", "preferred_username"], groups: ["groups", "area"] },
    cookies: { keys: ["a key of the test"] },
    pkce: { required: () => true },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
  });
  console.log(issuer);
});
process.stdin.on("end", () => process.exit(0)).resume();
