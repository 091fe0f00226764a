// A gRPC service of four kinds of call over plain bytes, with grpc.health.v1 beside it.
//   node service.js PORT
'use strict';
const grpc = require('@grpc/grpc-js');

const bytes = { serialize: (b) => b, deserialize: (b) => b };
const method = (path, requestStream, responseStream) => ({
  path, requestStream, responseStream,
  requestSerialize: bytes.serialize, requestDeserialize: bytes.deserialize,
  responseSerialize: bytes.serialize, responseDeserialize: bytes.deserialize,
});
const echo = {
  Unary: method('/test.Echo/Unary', false, false),
  Collect: method('/test.Echo/Collect', true, false),
  Count: method('/test.Echo/Count', false, true),
  Chat: method('/test.Echo/Chat', true, true),
};
const health = { Check: method('/grpc.health.v1.Health/Check', false, false) };

let serving = 1;  // SERVING
const seen = { cancelled: 0 };

function trailer(code) {
  const metadata = new grpc.Metadata();
  metadata.set('x-trailer', 'yes');
  return metadata;
}

const server = new grpc.Server();
server.addService(echo, {
  Unary(call, done) {
    const text = call.request.toString();
    if (text.startsWith('fail ')) {
      return done({ code: Number(text.slice(5)), details: 'as asked: 100% ü' });
    }
    if (text === 'hang') {
      call.on('cancelled', () => { seen.cancelled++; });
      return undefined;
    }
    if (text === 'seen') return done(null, Buffer.from(JSON.stringify(seen)));
    if (text === 'metadata') return done(null, Buffer.from(JSON.stringify(call.metadata.getMap())));
    if (text === 'unwell') serving = 2;
    if (text === 'well') serving = 1;
    return done(null, call.request, trailer());
  },
  Collect(call, done) {
    const parts = [];
    call.on('data', (part) => parts.push(part));
    call.on('end', () => done(null, Buffer.concat(parts), trailer()));
  },
  Count(call) {
    const count = Number(call.request.toString());
    let n = 0;
    const next = () => {
      if (n === count) return call.end(trailer());
      call.write(Buffer.from(String(n++)));
      return setTimeout(next, 5);
    };
    next();
  },
  Chat(call) {
    call.on('data', (part) => call.write(part));
    call.on('end', () => call.end(trailer()));
  },
});
server.addService(health, {
  Check(call, done) {
    if (call.request.length > 0 && !call.request.includes('test.Echo')) {
      return done({ code: grpc.status.NOT_FOUND, details: 'no such service' });
    }
    return done(null, serving === 0 ? Buffer.alloc(0) : Buffer.from([8, serving]));
  },
});
server.bindAsync(`127.0.0.1:${process.argv[2]}`, grpc.ServerCredentials.createInsecure(), (wrong) => {
  if (wrong) throw wrong;
  console.log('ready');
});
