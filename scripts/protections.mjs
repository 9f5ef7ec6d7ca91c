// `npm run test:protections [-- --row 3 | --only redis]`: takes each protection of docs/failure-modes.md
// out of a copy of the checkout, and expects the test of its row to fail.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

prepare();
const { createViteServer } = await import('vitest/node');
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const loader = await createViteServer({
  root,
  configFile: false,
  server: { middlewareMode: true, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
});
try {
  const { main } = await loader.ssrLoadModule('/test/protections/main.ts');
  process.exitCode = await main(root, process.argv.slice(2));
} catch (error) {
  if (error.name !== 'InputError') throw error;
  console.error(error.message);
  process.exitCode = 2;
} finally {
  await loader.close();
}
