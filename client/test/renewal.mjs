// Stays connected over short-lived tokens, and ends with one that nobody renews. Run with the server's address and its secret.
import { createHmac } from "node:crypto";
import { connect } from "@scaiwave/presence";
import { query } from "@scaiwave/presence/query";
import { fresh } from "@scaiwave/presence/token";

const [url, secret] = process.argv.slice(2);
const coded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

function token(sub) {
  const iat = Math.floor(Date.now() / 1000);
  const text = `${coded({ alg: "HS256", typ: "JWT" })}.${coded({ sub, iat, exp: iat + 10 })}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

const ending = new Promise((resolve) => {
  const ben = connect({ url, deviceId: "phone", token: token("ben") });
  ben.on("closed", resolve);
});

const statuses = [];
let asked = 0;
const renewed = await new Promise((resolve) => {
  const ada = connect({
    url,
    deviceId: "laptop",
    token: fresh(() => {
      if (++asked === 2) setTimeout(resolve, 0, ada);
      return token("ada");
    }),
  });
  ada.on("status", (status) => statuses.push(status));
});
renewed.on("error", (error) => statuses.push(error.code));
await query(renewed, "ben"); // still connected, and answered after the latest token was sent
renewed.close();

const ended = await ending;
console.log(JSON.stringify({ statuses: statuses.slice(0, -1), reason: ended.reason, code: ended.code }));
