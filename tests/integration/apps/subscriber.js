// The book's subscriber in Node, without any package: it wants the topics A and B on routes of the same names, and
// prints each event that its sidecar sends it. Its list of topics is the book's, word for word.
const http = require("node:http");

const topics = [
  { topic: "A", route: "A" },
  { topic: "B", route: "B" },
];

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

http
  .createServer(async (request, response) => {
    if (request.method === "GET" && request.url === "/dapr/subscribe") {
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(topics));
    } else if (request.method === "POST") {
      console.log("event", request.url, request.headers["content-type"], await body(request));
      response.writeHead(200).end();
    } else {
      response.writeHead(404).end();
    }
  })
  .listen(Number(process.env.APP_PORT), "127.0.0.1");
