// The service of the interoperability tests, from its .proto file.
'use strict';
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

exports.load = (path) => grpc.loadPackageDefinition(loader.loadSync(path, { keepCase: true, arrays: true })).grpc.testing;
exports.payload = (size) => ({ body: Buffer.alloc(size) });
