// A user's application made with the SDK's DaprServer, over the transport that its first argument names, on the port of
// the second. It tells everything that reaches it as a JSON object on a line of its own, publishes to itself once its
// sidecar is ready, and ends the sidecar when its method "end" is called.

"use strict";

const express = require("express");
const { AbstractActor, CommunicationProtocolEnum, DaprPubSubStatusEnum, DaprServer, HttpMethod } = require("@dapr/dapr");

const [protocol, port] = process.argv.slice(2);
const http = protocol === "http";
const BUS = "bus";
const silent = { level: 0, service: { error() {}, warn() {}, info() {}, verbose() {}, debug() {} } };

function tell(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

// The SDK listens on every address unless it is given an application that does not.
function loopbackOnly() {
  const app = express();
  const listen = app.listen.bind(app);
  app.listen = (number) => listen(number, "127.0.0.1");
  return app;
}

const server = new DaprServer({
  serverHost: "127.0.0.1",
  serverPort: port,
  communicationProtocol: http ? CommunicationProtocolEnum.HTTP : CommunicationProtocolEnum.GRPC,
  serverHttp: http ? loopbackOnly() : undefined,
  logger: silent,
  clientOptions: {
    daprHost: "127.0.0.1",
    daprPort: http ? process.env.DAPR_HTTP_PORT : process.env.DAPR_GRPC_PORT,
    logger: silent,
  },
});

async function subscribe() {
  const { pubsub } = server;
  await pubsub.subscribe(BUS, "plain", async (data) => tell({ topic: "plain", data }));
  await pubsub.subscribe(BUS, "raw", async (data) => tell({ topic: "raw", data }), "raw-events", { rawPayload: true });
  const route = { default: "/usual", rules: [{ match: `event.type == "special"`, path: "/special" }] };
  await pubsub.subscribeWithOptions(BUS, "routed", { route });
  pubsub.subscribeToRoute(BUS, "routed", "/usual", async (data) => tell({ topic: "routed", route: "usual", data }));
  pubsub.subscribeToRoute(BUS, "routed", "/special", async (data) => tell({ topic: "routed", route: "special", data }));
  await pubsub.subscribeBulk(BUS, "bulk", async (data) => tell({ topic: "bulk", data }), { maxMessagesCount: 10, maxAwaitDurationMs: 50 });
  await pubsub.subscribeWithOptions(BUS, "dropped", {
    deadLetterTopic: "dead",
    callback: async (data) => { tell({ topic: "dropped", data }); return DaprPubSubStatusEnum.DROP; },
  });
  let times = 0;
  await pubsub.subscribeWithOptions(BUS, "again", {
    callback: async (data) => { tell({ topic: "again", data }); return times++ ? DaprPubSubStatusEnum.SUCCESS : DaprPubSubStatusEnum.RETRY; },
  });
  await pubsub.subscribe(BUS, "dead", async (data) => tell({ topic: "dead", data }));
}

async function listen() {
  const { invoker } = server;
  await invoker.listen("greet", async ({ body, query, metadata }) => {
    tell({ method: "greet", body, query, contentType: metadata.contentType });
    return { hello: JSON.parse(body).name };
  }, { method: HttpMethod.POST });
  await invoker.listen("look", async ({ query }) => ({ looked: query }), { method: HttpMethod.GET });
  await invoker.listen("end", async () => {
    setImmediate(() => server.client.sidecar.shutdown().catch((error) => tell({ failed: String(error) })));
    return { ending: true };
  }, { method: HttpMethod.POST });
}

class Cat extends AbstractActor {
  async meow() {
    return "meow";
  }
}

// Actors are hosted over HTTP alone.
async function host() {
  try {
    await server.actor.init();
    await server.actor.registerActor(Cat);
    tell({ hosting: (await server.actor.getRegisteredActors()).join() });
  } catch (error) {
    tell({ hosting: String(error.message ?? error) });
  }
}

async function publish() {
  const { pubsub } = server.client;
  const special = { specversion: "1.0", id: "1", source: "js", type: "special", datacontenttype: "application/json", data: { n: 3 } };
  await pubsub.publish(BUS, "plain", { n: 1 });
  await pubsub.publish(BUS, "plain", "text");
  await pubsub.publish(BUS, "raw", { n: 9 }, { metadata: { rawPayload: "true" } });
  await pubsub.publish(BUS, "routed", { n: 2 });
  await pubsub.publish(BUS, "routed", special, { contentType: "application/cloudevents+json" });
  await pubsub.publishBulk(BUS, "bulk", [{ event: { n: 4 } }, { event: { n: 5 } }]);
  await pubsub.publish(BUS, "dropped", { n: 6 });
  await pubsub.publish(BUS, "again", { n: 7 });
}

// The sidecar starts its subscriptions when it has found this application in good health.
async function publishWhenSubscribed() {
  const wanted = Object.keys(server.pubsub.getSubscriptions()[BUS]).length;
  const url = `http://127.0.0.1:${process.env.DAPR_HTTP_PORT}/v1.0/metadata`;
  while (((await (await fetch(url)).json()).subscriptions ?? []).length < wanted) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await publish();
}

async function main() {
  await subscribe();
  await listen();
  await server.binding.receive("tick", async () => tell({ binding: "tick" }));
  await host();
  await server.start();
  tell({ started: protocol });
  await publishWhenSubscribed();
  tell({ published: true });
}

main().catch((error) => { console.error(error); process.exit(1); });
