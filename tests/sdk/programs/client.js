// A user's program: uses every block of its sidecar with the official SDK, over the transport that its only argument
// names, and prints what it got as one JSON object on the last line.

"use strict";

const { CommunicationProtocolEnum, DaprClient, HttpMethod, StateConcurrencyEnum, StateConsistencyEnum } = require("@dapr/dapr");

const protocol = process.argv[2];
const { CALLEE, DAPR_HTTP_PORT, DAPR_GRPC_PORT } = process.env;
const STORE = "statestore", BUS = "pubsub", TOPIC = "orders";

function client(more = {}) {
  const http = protocol === "http";
  return new DaprClient({
    daprHost: "127.0.0.1",
    daprPort: http ? DAPR_HTTP_PORT : DAPR_GRPC_PORT,
    communicationProtocol: http ? CommunicationProtocolEnum.HTTP : CommunicationProtocolEnum.GRPC,
    logger: { level: 0, service: { error() {}, warn() {}, info() {}, verbose() {}, debug() {} } },
    ...more,
  });
}

// What a call refuses with, whether the SDK throws it or gives it back.
async function refusal(call) {
  try {
    const answer = await call();
    return answer && answer.error ? String(answer.error.message ?? answer.error) : "none: it worked";
  } catch (error) {
    return String(error.error ?? error.message ?? error);
  }
}

// What the SDK gives back of a write; an error's own fields are not written by JSON.
const told = ({ error, ...rest }) => (error ? { ...rest, error: String(error.error ?? error.message ?? error) } : rest);

async function state(dapr) {
  const mine = `js-${protocol}`;
  const saved = await dapr.state.save(STORE, [
    { key: `${mine}-object`, value: { a: [1, "\u00e9"] } },
    { key: `${mine}-text`, value: "text" },
    { key: `${mine}-guarded`, value: "first", metadata: { ttlInSeconds: "600" } },
  ]);
  const keys = [`${mine}-object`, `${mine}-text`, `${mine}-none`];
  const bulk = await dapr.state.getBulk(STORE, keys);
  const guard = { concurrency: StateConcurrencyEnum.CONCURRENCY_FIRST_WRITE, consistency: StateConsistencyEnum.CONSISTENCY_STRONG };
  const [{ etag }] = await dapr.state.getBulk(STORE, [`${mine}-guarded`]);
  await dapr.state.save(STORE, [{ key: `${mine}-guarded`, value: "second", etag, options: guard }]);
  const late = await refusal(() => dapr.state.save(STORE, [{ key: `${mine}-guarded`, value: "late", etag, options: guard }]));
  const lateDelete = await refusal(() => dapr.state.delete(STORE, `${mine}-guarded`, { etag, ...guard }));
  await dapr.state.transaction(STORE, [
    { operation: "upsert", request: { key: `${mine}-transaction`, value: "done" } },
    { operation: "delete", request: { key: `${mine}-text` } },
  ]);
  const found = {
    saved: told(saved),
    object: await dapr.state.get(STORE, `${mine}-object`),
    bulk: Object.fromEntries(bulk.map((item) => [item.key.slice(mine.length + 1), item.data ?? ""])),
    guarded: await dapr.state.get(STORE, `${mine}-guarded`, { consistency: guard.consistency }),
    late,
    lateDelete,
    upserted: await dapr.state.get(STORE, `${mine}-transaction`),
    removed: await dapr.state.get(STORE, `${mine}-text`),
    deleted: told(await dapr.state.delete(STORE, `${mine}-object`)),
  };
  await dapr.state.delete(STORE, `${mine}-guarded`);
  found.afterDelete = await dapr.state.get(STORE, `${mine}-object`);
  found.query = await refusal(() => dapr.state.query(STORE, { filter: {}, sort: [], page: { limit: 1 } }));
  found.unknownStore = await refusal(() => dapr.state.get("nowhere", "key"));
  return found;
}

async function publish(dapr) {
  const mark = `js-${protocol}`;
  const event = { specversion: "1.0", id: `${mark}-event`, source: "js", type: "mine", data: { mark, kind: "event" }, datacontenttype: "application/json" };
  return {
    object: await dapr.pubsub.publish(BUS, TOPIC, { mark, kind: "object" }),
    text: await dapr.pubsub.publish(BUS, TOPIC, `${mark} text`),
    event: await dapr.pubsub.publish(BUS, TOPIC, event, { contentType: "application/cloudevents+json" }),
    raw: await dapr.pubsub.publish(BUS, TOPIC, `${mark} with metadata`, { metadata: { ttlInSeconds: "60" } }),
    bulk: await dapr.pubsub.publishBulk(BUS, TOPIC, [
      `${mark} bulk`, { entryID: "1", event: { mark, kind: "bulk" }, contentType: "application/json" },
    ]),
    unknown: await refusal(() => dapr.pubsub.publish("nowhere", TOPIC, "x")),
    unknownBulk: (await dapr.pubsub.publishBulk("nowhere", TOPIC, ["x"])).failedMessages.map((each) => String(each.error?.message ?? each.error)),
  };
}

async function invoke(dapr) {
  const echo = await dapr.invoker.invoke(CALLEE, `js-${protocol}/echo`, HttpMethod.POST, { hello: "world" });
  const verbs = {};
  for (const verb of [HttpMethod.PUT, HttpMethod.DELETE, HttpMethod.PATCH]) {
    verbs[verb.toUpperCase()] = await dapr.invoker.invoke(CALLEE, `js-${protocol}/echo`, verb, { verb });
  }
  const many = Array.from({ length: 20 }, (_, n) => dapr.invoker.invoke(CALLEE, `js-${protocol}/many`, HttpMethod.POST, { n }));
  return {
    echo,
    verbs,
    got: await dapr.invoker.invoke(CALLEE, `js-${protocol}/status/200`),
    many: (await Promise.all(many)).map((answer) => answer.n),
    large: (await dapr.invoker.invoke(CALLEE, `js-${protocol}/large`, HttpMethod.POST, { text: "x".repeat(1000000) })).text.length,
    refused: await refusal(() => dapr.invoker.invoke(CALLEE, `js-${protocol}/status/404`)),
    nobody: await refusal(() => dapr.invoker.invoke("nobody-of-that-name", "hello")),
  };
}

async function rest(dapr) {
  const file = `js-${protocol}.txt`;
  await dapr.binding.send("files", "create", "from JavaScript", { fileName: file });
  const read = await dapr.binding.send("files", "get", "", { fileName: file });
  const set = await dapr.metadata.set("set-by", `js-${protocol}`);
  const about = await dapr.metadata.get();
  return {
    file: protocol === "http" ? read : Buffer.from(read.data).toString(),
    unknownBinding: await refusal(() => dapr.binding.send("nowhere", "create", "x")),
    secret: await dapr.secret.get("secrets", "mysecret"),
    secrets: await dapr.secret.getBulk("secrets"),
    unknownSecret: await refusal(() => dapr.secret.get("secrets", "nothing")),
    set,
    id: about.id,
    extended: about.extended["set-by"],
    components: about.components.map((each) => each.name).sort(),
    healthy: await dapr.health.isHealthy(),
  };
}

// Every block of a client with its methods: what an SDK of this version offers.
function offered(dapr) {
  const blocks = Object.keys(dapr).filter((name) => !["options", "daprClient", "logger"].includes(name));
  return blocks.flatMap((block) =>
    Object.getOwnPropertyNames(Object.getPrototypeOf(dapr[block]))
      .filter((name) => name !== "constructor" && !name.startsWith("_"))
      .map((name) => `${block}.${name}`));
}

async function guarded() {
  const dapr = client({
    daprPort: protocol === "http" ? process.env.GUARDED_HTTP_PORT : process.env.GUARDED_GRPC_PORT,
    daprApiToken: process.env.GUARDED_TOKEN,
  });
  const { id } = await dapr.metadata.get();
  await dapr.stop();
  return id;
}

async function main() {
  const dapr = client();
  await dapr.start();
  const found = {
    state: await state(dapr), publish: await publish(dapr), invoke: await invoke(dapr), rest: await rest(dapr),
    guarded: await guarded(), offered: offered(dapr),
  };
  await dapr.stop();
  console.log(JSON.stringify(found));
  process.exit(0); // the SDK leaves its HTTP/2 sessions open
}

main().catch((error) => { console.error(error); process.exit(1); });
