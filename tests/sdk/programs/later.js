// A user's program: tries what the official SDK offers beyond the blocks that are in service, over the transport that
// its only argument names, and prints how each is refused as one JSON object on the last line.

"use strict";

const { AbstractActor, ActorId, ActorProxyBuilder, CommunicationProtocolEnum, DaprClient, DaprWorkflowClient } = require("@dapr/dapr");
const ActorClient = require("@dapr/dapr/actors/client/ActorClient/ActorClient").default;

const http = process.argv[2] === "http";
const { DAPR_HTTP_PORT, DAPR_GRPC_PORT } = process.env;
const options = {
  daprHost: "127.0.0.1",
  daprPort: http ? DAPR_HTTP_PORT : DAPR_GRPC_PORT,
  communicationProtocol: http ? CommunicationProtocolEnum.HTTP : CommunicationProtocolEnum.GRPC,
  logger: { level: 0, service: { error() {}, warn() {}, info() {}, verbose() {}, debug() {} } },
};

class Cat extends AbstractActor {}

function actors(dapr) {
  const proxy = new ActorProxyBuilder(Cat, dapr).build(new ActorId("50"));
  const { actor } = new ActorClient("127.0.0.1", options.daprPort, options.communicationProtocol, options);
  const id = new ActorId("50");
  return {
    "actor.create": () => dapr.actor.create(Cat).meow("loud"),
    "ActorProxyBuilder": () => proxy.meow("loud"),
    "ActorClient.stateGet": () => actor.stateGet("Cat", id, "meal"),
    "ActorClient.stateTransaction": () => actor.stateTransaction("Cat", id, [{ operation: "upsert", request: { key: "meal", value: "fish" } }]),
    "ActorClient.registerActorReminder": () => actor.registerActorReminder("Cat", id, "nap", { data: "x" }),
    "ActorClient.unregisterActorReminder": () => actor.unregisterActorReminder("Cat", id, "nap"),
    "ActorClient.registerActorTimer": () => actor.registerActorTimer("Cat", id, "nap", { callback: "nap" }),
    "ActorClient.unregisterActorTimer": () => actor.unregisterActorTimer("Cat", id, "nap"),
  };
}

function workflows(dapr) {
  const found = {
    "workflow.getWorkflowState": () => dapr.workflow.getWorkflowState("one"),
    "workflow.scheduleNewWorkflow": () => dapr.workflow.scheduleNewWorkflow("Order", { n: 1 }, "one"),
    "workflow.get": () => dapr.workflow.get("one"),
    "workflow.start": () => dapr.workflow.start("Order", { n: 1 }, "one"),
    "workflow.raiseEvent": () => dapr.workflow.raiseEvent("one", "paid", { n: 1 }),
    "workflow.raise": () => dapr.workflow.raise("one", "paid", { n: 1 }),
  };
  for (const verb of ["terminate", "pause", "resume", "purge"]) found[`workflow.${verb}`] = () => dapr.workflow[verb]("one");
  return found;
}

function workflowClient() {
  const client = new DaprWorkflowClient({ daprHost: "127.0.0.1", daprPort: DAPR_GRPC_PORT, logger: options.logger });
  return {
    "DaprWorkflowClient.getWorkflowState": () => client.getWorkflowState("one", true),
    "DaprWorkflowClient.scheduleNewWorkflow": () => client.scheduleNewWorkflow("Order", { n: 1 }, "one"),
    "DaprWorkflowClient.raiseEvent": () => client.raiseEvent("one", "paid", { n: 1 }),
    "DaprWorkflowClient.terminateWorkflow": () => client.terminateWorkflow("one", ""),
    "DaprWorkflowClient.suspendWorkflow": () => client.suspendWorkflow("one"),
    "DaprWorkflowClient.resumeWorkflow": () => client.resumeWorkflow("one"),
    "DaprWorkflowClient.purgeWorkflow": () => client.purgeWorkflow("one"),
  };
}

function others(dapr) {
  const sealing = { componentName: "vault", keyName: "key", keyWrapAlgorithm: "RSA" };
  return {
    "configuration.get": () => dapr.configuration.get("settings", ["a"]),
    "lock.lock": () => dapr.lock.lock("locks", "resource", "owner", 5),
    "lock.unlock": () => dapr.lock.unlock("locks", "resource", "owner"),
    "crypto.encrypt": () => dapr.crypto.encrypt("text", sealing),
    "crypto.decrypt": () => dapr.crypto.decrypt("text", { componentName: "vault" }),
    "proxy.create": () => dapr.proxy.create(Cat),
  };
}

async function refusal(call) {
  try {
    return `none: it gave ${JSON.stringify(await call())}`;
  } catch (error) {
    return typeof error.details === "string" ? `${error.code} ${error.details}` : String(error.message ?? error);
  }
}

async function main() {
  const dapr = new DaprClient(options);
  await dapr.start();
  const found = {};
  for (const [name, call] of Object.entries({ ...actors(dapr), ...workflows(dapr), ...others(dapr), ...(http ? {} : workflowClient()) })) {
    found[name] = await refusal(call);
  }
  console.log(JSON.stringify(found));
  process.exit(0);
}

main().catch((error) => { console.error(error); process.exit(1); });
