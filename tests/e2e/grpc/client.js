// Calls through weir; prints one line of JSON for each command line argument that it got.
//   [CA=FILE] node client.js ADDRESS KIND[:ARGUMENT[:DEADLINE_MS]]...
// With CA it speaks TLS and trusts that authority alone.
'use strict';
const fs = require('fs');
const grpc = require('@grpc/grpc-js');

const same = (b) => b;
const credentials = process.env.CA ? grpc.credentials.createSsl(fs.readFileSync(process.env.CA))
  : grpc.credentials.createInsecure();
const client = new grpc.Client(process.argv[2], credentials, { 'grpc.enable_retries': 0 });

function ended(answer, call) {
  return new Promise((resolve) => {
    call.on('status', (status) => {
      answer.code = status.code;
      answer.details = status.details;
      answer.trailer = status.metadata.get('x-trailer')[0] || '';
      resolve(answer);
    });
    call.on('error', () => {});
  });
}

async function ask(kind, argument, deadline) {
  const metadata = new grpc.Metadata();
  metadata.set('x-own', 'mine');
  const options = deadline ? { deadline: Date.now() + Number(deadline) } : {};
  const answer = { kind, messages: [] };
  const keep = (part) => answer.messages.push(part.length > 5000 ? part.length : part.toString());
  const body = /^x\d+$/.test(argument) ? Buffer.alloc(Number(argument.slice(1)), 'x') : Buffer.from(argument);
  switch (kind) {
    case 'unary':
      return ended(answer, client.makeUnaryRequest('/test.Echo/Unary', same, same, body, metadata, options,
        (wrong, part) => { if (!wrong) keep(part); }));
    case 'cancel': {
      const call = client.makeUnaryRequest('/test.Echo/Unary', same, same, body, metadata, options, () => {});
      setTimeout(() => call.cancel(), 200);
      return ended(answer, call);
    }
    case 'collect': {
      const call = client.makeClientStreamRequest('/test.Echo/Collect', same, same, metadata, options,
        (wrong, part) => { if (!wrong) keep(part); });
      const done = ended(answer, call);
      for (let n = 0; n < 20; n++) call.write(body);
      call.end();
      return done;
    }
    case 'count': {
      const call = client.makeServerStreamRequest('/test.Echo/Count', same, same, body, metadata, options);
      call.on('data', keep);
      return ended(answer, call);
    }
    case 'chat': {
      const call = client.makeBidiStreamRequest('/test.Echo/Chat', same, same, metadata, options);
      const done = ended(answer, call);
      let left = 20;
      call.on('data', (part) => {
        keep(part);
        if (--left > 0) call.write(body); else call.end();
      });
      call.write(body);
      return done;
    }
    default:
      throw new Error(`no such kind: ${kind}`);
  }
}

(async () => {
  for (const word of process.argv.slice(3)) {
    const [kind, argument, deadline] = word.split(':');
    console.log(JSON.stringify(await ask(kind, argument || '', deadline)));
  }
  client.close();
})();
