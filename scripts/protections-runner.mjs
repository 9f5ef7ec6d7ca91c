// Started by protections.mjs with the folder for its copy and what is asked for.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createViteServer } from 'vitest/node';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [dir, ...args] = process.argv.slice(2);
const loader = await createViteServer({
  root,
  configFile: false,
  server: { middlewareMode: true, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
});
try {
  const { main } = await loader.ssrLoadModule('/test/protections/main.ts');
  process.exitCode = await main(root, dir, args);
} catch (error) {
  if (error.name !== 'InputError') throw error;
  console.error(error.message);
  process.exitCode = 2;
} finally {
  await loader.close();
}
