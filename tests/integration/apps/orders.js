// The book's state sample in Node, without any package: POST /neworder keeps the order in the state store of the
// sidecar, GET /order reads it back. That it is not Python is the point: the sidecar speaks plain HTTP to it.
const http = require("node:http");

const store = `http://localhost:${process.env.DAPR_HTTP_PORT}/v1.0/state/${process.env.STORE || "statestore"}`;

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function persist(data) {
  const state = [{ key: "order", value: data }];
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(store, { method: "POST", body: JSON.stringify(state), headers });
  if (!response.ok) throw new Error("Failed to persist state.");
  console.log(`Successfully persisted state: ${response.status}`);
}

async function answer(request) {
  if (request.method === "POST" && request.url === "/neworder") {
    await persist(JSON.parse(await body(request)).data);
    return [200, ""];
  }
  if (request.method === "GET" && request.url === "/order") {
    const response = await fetch(`${store}/order`);
    return [response.status, await response.text()];
  }
  return [404, ""];
}

http
  .createServer(async (request, response) => {
    try {
      const [status, text] = await answer(request);
      response.writeHead(status).end(text);
    } catch (error) {
      response.writeHead(500).end(error.message);
    }
  })
  .listen(Number(process.env.APP_PORT), "127.0.0.1");
