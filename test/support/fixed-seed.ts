import fc from 'fast-check';

/*
 * Property tests draw their cases from one seed, so that `npm test` says the same each time; fast-check
 * prints it where one fails. `npm run test:fuzz` sets others. A seed that a test sets itself comes first.
 */
const { JIDOKA_TEST_SEED: seed = '20261130' } = process.env;
if (!/^-?\d+$/.test(seed)) {
  throw new Error(`JIDOKA_TEST_SEED: expected a whole number, got "${seed}"`);
}
fc.configureGlobal({ seed: Number(seed) });
