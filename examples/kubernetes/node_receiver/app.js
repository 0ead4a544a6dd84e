// The receiver: prints each greeting that it is sent. It knows nothing of Dapr; calls come from its sidecar on loopback.
const http = require("node:http");

const port = Number(process.env.APP_PORT || 8088);

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

const server = http.createServer(async (request, response) => {
  if (request.method !== "POST" || request.url !== "/greeting") {
    response.writeHead(404).end();
    return;
  }
  try {
    console.log(JSON.parse(await body(request)));
    response.writeHead(200).end();
  } catch (error) {
    response.writeHead(400).end(error.message);
  }
});

server.listen(port, () => console.log(`Receiver is running on port ${port}`));
// The first process of a container gets no default for signals: without this it is killed, half a minute later.
process.on("SIGTERM", () => server.close(() => process.exit(0)));
