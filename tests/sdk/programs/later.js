// A user's program: tries what the official SDK offers beyond the blocks that are in service, over the transport that
// its only argument names, and prints how each is refused as one JSON object on the last line.

"use strict";

const { CommunicationProtocolEnum, DaprClient, DaprWorkflowClient } = require("@dapr/dapr");

const http = process.argv[2] === "http";
const { DAPR_HTTP_PORT, DAPR_GRPC_PORT } = process.env;
const options = {
  daprHost: "127.0.0.1",
  daprPort: http ? DAPR_HTTP_PORT : DAPR_GRPC_PORT,
  communicationProtocol: http ? CommunicationProtocolEnum.HTTP : CommunicationProtocolEnum.GRPC,
  logger: { level: 0, service: { error() {}, warn() {}, info() {}, verbose() {}, debug() {} } },
};

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
    "proxy.create": () => dapr.proxy.create(class {}),
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
  for (const [name, call] of Object.entries({ ...workflows(dapr), ...others(dapr), ...(http ? {} : workflowClient()) })) {
    found[name] = await refusal(call);
  }
  console.log(JSON.stringify(found));
  process.exit(0);
}

main().catch((error) => { console.error(error); process.exit(1); });
