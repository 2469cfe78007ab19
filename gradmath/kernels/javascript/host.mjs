// Runs generated modules for Python: a request on standard input, an answer on standard output.
//
// Both are a length (4 bytes, little-endian), so much JSON, and then the bytes of the arrays that
// the JSON announces, in its order.  Requests come one at a time.
import { readSync, writeSync } from "node:fs";

const STORES = { float64: Float64Array, float32: Float32Array };
const STEP = 1 << 30; // a single read or write takes less than 2^31 bytes
const modules = new Map();

function fill(bytes) {
  let done = 0;
  while (done < bytes.length) {
    const got = readSync(0, bytes, done, Math.min(STEP, bytes.length - done), null);
    if (got === 0) process.exit(0); // Python has closed its end
    done += got;
  }
}

function send(bytes) {
  let done = 0;
  while (done < bytes.length) {
    done += writeSync(1, bytes, done, Math.min(STEP, bytes.length - done));
  }
}

const bytesOf = (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

function received(store, length) {
  const array = new store(length);
  fill(bytesOf(array));
  return array;
}

function answer(head, arrays) {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  send(length);
  send(text);
  arrays.forEach((array) => send(bytesOf(array)));
}

async function answered(request) {
  const store = STORES[request.store];
  const given = Object.create(null); // no names but those of the arguments
  for (const [name, length] of request.given) {
    // Numbers travel as bytes as well: JSON has no NaN, no infinity and no -0.
    given[name] = length === null ? received(Float64Array, 1)[0] : received(store, length);
  }
  if (!modules.has(request.module)) {
    const text = Buffer.from(request.source).toString("base64");
    modules.set(request.module, await import(`data:text/javascript;base64,${text}`));
  }
  const { evaluate } = modules.get(request.module);
  return evaluate(given, request.sizes, store, new Set(request.summed));
}

for (;;) {
  const length = Buffer.alloc(4);
  fill(length);
  const text = Buffer.alloc(length.readUInt32LE());
  fill(text);
  let head;
  let arrays = [];
  try {
    const { results, refused } = await answered(JSON.parse(text.toString()));
    const lengths = results.map((result) => (typeof result === "number" ? null : result.length));
    arrays = results.map((r) => (typeof r === "number" ? Float64Array.of(r) : r));
    head = { lengths, refused: refused.map(Boolean) };
  } catch (error) {
    head = { error: String(error) };
  }
  answer(head, arrays);
}
