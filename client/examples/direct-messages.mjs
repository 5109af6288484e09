// A backend that has passed on a direct message tells Presence, so that for 24 hours the two see each other even when one
// appears offline. No library is needed; the token needs the scope presence:service.
//
//     node examples/direct-messages.mjs http://127.0.0.1:8080 service ada ben

const [, , server = "http://127.0.0.1:8080", token = "service", from = "ada", to = "ben"] = process.argv;

async function recordDirectMessage(participants) {
  const response = await fetch(new URL("/v1/direct-messages", server), {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ direct_messages: [{ participants }] }),
  });
  const body = await response.json();
  if (!response.ok) throw new Error(`${body.code}: ${body.detail}`);
  // Each item stands for itself; `unavailable` may be sent again.
  for (const { code, message } of body.rejected) throw new Error(`${code}: ${message}`);
}

await recordDirectMessage([from, to]);
console.log(`${from} and ${to} see each other for 24 hours`);
