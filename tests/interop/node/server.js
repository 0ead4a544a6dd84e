// The server's half of the cases: node server.js testing.proto [certificate key]. Prints its port, ends with its input.
'use strict';
const fs = require('fs');
const grpc = require('@grpc/grpc-js');
const { load, payload } = require('./protocol');

const INITIAL = 'x-grpc-test-echo-initial';
const TRAILING = 'x-grpc-test-echo-trailing-bin';

// Sends back the two fields that the case custom_metadata looks for; the trailing one is returned.
function echoed(call) {
  const initial = call.metadata.get(INITIAL);
  if (initial.length) {
    const metadata = new grpc.Metadata();
    metadata.set(INITIAL, initial[0]);
    call.sendMetadata(metadata);
  }
  const trailers = new grpc.Metadata();
  for (const value of call.metadata.get(TRAILING)) trailers.add(TRAILING, value);
  return trailers;
}

const refusal = (wanted, metadata) => ({ code: wanted.code, details: wanted.message, metadata });

function output(call, request) {
  for (const { size } of request.response_parameters) call.write({ payload: payload(size) });
}

const methods = {
  EmptyCall: (call, done) => done(null, {}, echoed(call)),
  UnaryCall: (call, done) => {
    const trailers = echoed(call);
    if (call.request.response_status) return done(refusal(call.request.response_status, trailers));
    return done(null, { payload: payload(call.request.response_size) }, trailers);
  },
  StreamingOutputCall: (call) => {
    const trailers = echoed(call);
    output(call, call.request);
    call.end(trailers);
  },
  StreamingInputCall: (call, done) => {
    let total = 0;
    call.on('data', (request) => { total += request.payload.body.length; });
    call.on('end', () => done(null, { aggregated_payload_size: total }));
  },
  FullDuplexCall: (call) => {
    const trailers = echoed(call);
    let refused = false;
    call.on('data', (request) => {
      if (request.response_status && !refused) {
        refused = true;
        call.emit('error', refusal(request.response_status, trailers));
      } else if (!refused) output(call, request);
    });
    call.on('end', () => { if (!refused) call.end(trailers); });
  },
};

const [proto, cert, key] = process.argv.slice(2);
const server = new grpc.Server();
server.addService(load(proto).TestService.service, methods);
const credentials = cert
  ? grpc.ServerCredentials.createSsl(null, [{ cert_chain: fs.readFileSync(cert), private_key: fs.readFileSync(key) }])
  : grpc.ServerCredentials.createInsecure();
server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
  if (error) throw error;
  console.log(`port ${port}`);
});
process.stdin.on('end', () => server.forceShutdown()).resume();
