// The client's half of the cases: node client.js testing.proto port [ca]. Prints a line per case.
'use strict';
const assert = require('assert');
const fs = require('fs');
const grpc = require('@grpc/grpc-js');
const { load, payload } = require('./protocol');

const ASKED = [27182, 8, 1828, 45904];
const ANSWERED = [31415, 9, 2653, 58979];
const SPECIAL = '\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \u{1f608}\t\n';
const LARGE = { response_size: 314159, payload: payload(271828) };

const [proto, port, ca] = process.argv.slice(2);
const testing = load(proto);
const credentials = ca ? grpc.credentials.createSsl(fs.readFileSync(ca)) : grpc.credentials.createInsecure();
const address = `localhost:${port}`;
const client = new testing.TestService(address, credentials);

// A unary call as a promise of its answer, its initial metadata and its status.
function unary(method, request, metadata = new grpc.Metadata(), target = client) {
  return new Promise((resolve, reject) => {
    const seen = {};
    const call = target[method](request, metadata, (error, answer) => { seen.error = error; seen.answer = answer; });
    call.on('metadata', (initial) => { seen.initial = initial; });
    call.on('status', (status) => {
      if (status.code) reject(status);
      else resolve({ ...seen, status });
    });
  });
}

async function refused(code, promise) {
  const status = await promise.then(() => { throw new Error('the call succeeded'); }, (error) => error);
  assert.strictEqual(status.code, code);
  return status;
}

// What a streaming call brings: its messages one by one, then its status.
function events(call) {
  const queue = [];
  let wake = () => {};
  const put = (event) => { queue.push(event); wake(); };
  call.on('data', put);
  call.on('error', () => {});
  call.on('status', put);
  return async () => {
    while (!queue.length) await new Promise((resolve) => { wake = resolve; });
    return queue.shift();
  };
}

const cases = {
  async empty_unary() {
    assert.deepStrictEqual((await unary('EmptyCall', {})).answer, {});
  },
  async large_unary() {
    assert.strictEqual((await unary('UnaryCall', LARGE)).answer.payload.body.length, 314159);
  },
  async client_streaming() {
    const total = await new Promise((resolve, reject) => {
      const call = client.StreamingInputCall((error, answer) => (error ? reject(error) : resolve(answer)));
      for (const size of ASKED) call.write({ payload: payload(size) });
      call.end();
    });
    assert.strictEqual(total.aggregated_payload_size, 74922);
  },
  async server_streaming() {
    const next = events(client.StreamingOutputCall({ response_parameters: ANSWERED.map((size) => ({ size })) }));
    for (const size of ANSWERED) assert.strictEqual((await next()).payload.body.length, size);
    assert.strictEqual((await next()).code, 0);
  },
  async ping_pong() {
    const call = client.FullDuplexCall();
    const next = events(call);
    for (let i = 0; i < ASKED.length; i += 1) {
      call.write({ response_parameters: [{ size: ANSWERED[i] }], payload: payload(ASKED[i]) });
      assert.strictEqual((await next()).payload.body.length, ANSWERED[i]);
    }
    call.end();
    assert.strictEqual((await next()).code, 0);
  },
  async cancel_after_begin() {
    const call = client.StreamingInputCall(() => {});
    const next = events(call);
    call.cancel();
    assert.strictEqual((await next()).code, grpc.status.CANCELLED);
  },
  async timeout_on_sleeping_server() {
    const call = client.FullDuplexCall({ deadline: Date.now() + 1 });
    const next = events(call);
    call.write({ payload: payload(27182) });
    assert.strictEqual((await next()).code, grpc.status.DEADLINE_EXCEEDED);
  },
  async status_code_and_message() {
    const wanted = { response_status: { code: 2, message: 'test status message' } };
    assert.strictEqual((await refused(2, unary('UnaryCall', wanted))).details, 'test status message');
    const call = client.FullDuplexCall();
    const next = events(call);
    call.write(wanted);
    call.end();
    const status = await next();
    assert.deepStrictEqual([status.code, status.details], [2, 'test status message']);
  },
  async special_status_message() {
    const wanted = { response_status: { code: 2, message: SPECIAL } };
    assert.strictEqual((await refused(2, unary('UnaryCall', wanted))).details, SPECIAL);
  },
  async unimplemented_method() {
    await refused(grpc.status.UNIMPLEMENTED, unary('UnimplementedCall', {}));
  },
  async unimplemented_service() {
    const other = new testing.UnimplementedService(address, credentials);
    await refused(grpc.status.UNIMPLEMENTED, unary('UnimplementedCall', {}, undefined, other));
    other.close();
  },
  async custom_metadata() {
    const metadata = new grpc.Metadata();
    metadata.set('x-grpc-test-echo-initial', 'test_initial_metadata_value');
    metadata.set('x-grpc-test-echo-trailing-bin', Buffer.from('ababab', 'hex'));
    const { initial, status } = await unary('UnaryCall', LARGE, metadata);
    assert.deepStrictEqual(initial.get('x-grpc-test-echo-initial'), ['test_initial_metadata_value']);
    const [trailing] = status.metadata.get('x-grpc-test-echo-trailing-bin');
    assert.strictEqual(trailing.toString('hex'), 'ababab');
  },
};

(async () => {
  for (const [name, run] of Object.entries(cases)) {
    await run().then(() => console.log(`${name} ok`), (error) => console.log(`${name} FAILED: ${error.message || error.details}`));
  }
  process.exit(0); // whatever grpc-js still keeps open must not keep us
})();
