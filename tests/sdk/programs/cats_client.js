// A user's program: calls the actors of cats.js over the transport that its first argument names, and prints what they
// answered. "calls" calls them by a proxy; "below" uses the client that proxies are made of, by the name of each of its
// methods. One JSON object goes to standard output.

"use strict";

const { AbstractActor, ActorId, ActorProxyBuilder, CommunicationProtocolEnum, DaprClient } = require("@dapr/dapr");
const { Temporal } = require("@js-temporal/polyfill");
const ActorClient = require("@dapr/dapr/actors/client/ActorClient/ActorClient").default;

const [protocol, part] = process.argv.slice(2);
const http = protocol === "http";
const options = {
  daprHost: "127.0.0.1",
  daprPort: http ? process.env.DAPR_HTTP_PORT : process.env.DAPR_GRPC_PORT,
  communicationProtocol: http ? CommunicationProtocolEnum.HTTP : CommunicationProtocolEnum.GRPC,
  logger: { level: 0, service: { error() {}, warn() {}, info() {}, verbose() {}, debug() {} } },
};
const soon = Temporal.Duration.from({ seconds: 1 });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Cat extends AbstractActor {}

async function refusal(call) {
  try {
    return `none: it gave ${JSON.stringify(await call())}`;
  } catch (error) {
    return typeof error.details === "string" ? `${error.code} ${error.details}` : String(error.message ?? error);
  }
}

async function calls(dapr) {
  const cats = new ActorProxyBuilder(Cat, dapr);
  const [tom, ann, bob, sleeper] = ["tom", "ann", "bob", "sleeper"].map((name) => cats.build(new ActorId(name)));
  const found = {
    eat: [await tom.eat({ meal: "fish" }), await tom.eat({ meal: "bird" })],
    recall: await tom.recall(),
    refuse: await refusal(() => tom.refuse()),
    "recall after it": await tom.recall(),
    meet: await Promise.all([ann.meet(), bob.meet()]),
    remember: await tom.remember(),
    forget: await tom.forget(),
  };
  await sleeper.nap();
  while ((await sleeper.naps()) < 3) await pause(20);
  await sleeper.rise();
  const risen = await sleeper.naps();
  await pause(400); // eight periods of the timer
  return { ...found, naps: [risen, await sleeper.naps()] };
}

async function below(dapr) {
  const { actor } = new ActorClient("127.0.0.1", options.daprPort, options.communicationProtocol, options);
  const id = new ActorId("low");
  const timer = { callback: "wake", dueTime: soon, period: soon, data: "mice" };
  const change = { operation: "upsert", request: { key: "toy", value: "ball" } };
  const attempts = {
    "ActorClient.registerActorTimer": () => actor.registerActorTimer("Cat", id, "nap", timer),
    "ActorProxyBuilder": () => new ActorProxyBuilder(Cat, dapr).build(id).eat({ meal: "mouse" }),
    "ActorClient.stateTransaction": () => actor.stateTransaction("Cat", id, [change]),
    "ActorClient.stateGet": () => actor.stateGet("Cat", id, "toy"),
    "ActorClient.unregisterActorTimer": () => actor.unregisterActorTimer("Cat", id, "nap"),
    "actor.create": () => dapr.actor.create(Cat).recall(),
    "ActorClient.registerActorReminder": () => actor.registerActorReminder("Cat", id, "vet", { dueTime: soon, data: "x" }),
    "ActorClient.unregisterActorReminder": () => actor.unregisterActorReminder("Cat", id, "vet"),
  };
  const found = {};
  for (const [name, call] of Object.entries(attempts)) found[name] = await refusal(call);
  return found;
}

async function main() {
  const dapr = new DaprClient(options);
  await dapr.start();
  console.log(JSON.stringify(await { calls, below }[part](dapr)));
  process.exit(0);
}

main().catch((error) => { console.error(error); process.exit(1); });
