// Puts the engine that `jidoka serve` runs into a few files in place of about a thousand, after the compiler
// has written those: finding and reading them is most of a start, and what packages bring and we never use
// takes memory twice, once for each event loop. What it replaces in dist/ are the modules by which an event
// loop begins; where it did not run, they lead to the single files, and all works the same, only slower.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The modules by which an event loop begins. */
const entries = ['cli/serve', 'app/worker-entry', 'app/trial-thread', 'app/vet-thread'];

/** Left as they are: many engines do without them, so they are loaded with their first use. */
const loadedWhenUsed = [/^@aws-sdk\//, /^@slack\//];

/**
 * What packages load for parts of theirs that nothing here uses: docker-modem's way over ssh (which docker-host.ts
 * refuses), dockerode's building of images, and BullMQ's queues in PostgreSQL.
 */
const neverUsed = ['ssh2', '@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs', './sql-scripts'];

/** V8 keeps a source at one byte a character, unless there is one in it that takes two. */
const toAscii = (code) =>
  code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const bundle = await rolldown({
  cwd: root,
  input: Object.fromEntries(entries.map((name) => [name, join('src', `${name}.ts`)])),
  platform: 'node',
  tsconfig: 'tsconfig.json',
  external: loadedWhenUsed,
  plugins: [
    {
      name: 'never-used',
      resolveId: (id) => (neverUsed.includes(id) ? '\0never-used' : null),
      load: (id) => (id === '\0never-used' ? 'module.exports = {};' : null),
    },
    {
      name: 'ascii',
      generateBundle(_, made) {
        for (const chunk of Object.values(made)) {
          if (chunk.type === 'chunk') chunk.code = toAscii(chunk.code);
        }
      },
    },
  ],
  logLevel: 'warn',
});
const dir = join(root, 'dist');
rmSync(join(dir, 'bundle'), { recursive: true, force: true });
await bundle.write({
  dir,
  format: 'esm',
  entryFileNames: '[name].js',
  // as deep as src/*/: what code says about where it lies holds here too
  chunkFileNames: 'bundle/[name]-[hash].js',
  // for packages that are not modules; and Node takes for ours what is deprecated in them
  intro:
    'const __dirname = import.meta.dirname, __filename = import.meta.filename; process.noDeprecation = true;',
  comments: false,
});
await bundle.close();
