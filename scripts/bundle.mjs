// Puts the program and its packages into about a hundred files, after the compiler has written its own thousand:
// finding and reading those is most of a start, what packages bring and we never use takes memory twice, once for
// each event loop, and an image needs no packages beside it. What it replaces in dist/ are the modules by which an
// event loop begins; where it did not run, they lead to the single files, and all works the same, only slower.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The modules by which an event loop begins. */
const entries = ['cli/process', 'app/worker-entry', 'app/trial-thread', 'app/vet-thread'];

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
const { output } = await bundle.write({
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
writeFileSync(join(dir, 'bundle', 'LICENSES.txt'), licenses());

/** The licenses of the packages that are in the bundle, as they ask to be passed on. */
function licenses() {
  const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
  const folders = new Set(
    modules.flatMap((id) => id.match(/^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/)?.[0] ?? []),
  );
  return [...folders].sort().map(licenseOf).join('\n');
}

function licenseOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8');
  return `${name} ${version}: ${license}\n${text}`;
}
