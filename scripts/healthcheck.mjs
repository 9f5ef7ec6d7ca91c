// The image's health check: exits with 0 while the engine says that it is healthy.
const { JIDOKA_LISTEN: listen = '', PORT: port = '' } = process.env;
const host = listen.includes(':') ? `[${listen.replace(/^\[|\]$/g, '')}]` : listen;
const url = `http://${host || '127.0.0.1'}:${port || 9095}/-/healthy`;
const healthy = await fetch(url, { signal: AbortSignal.timeout(4_000) }).then(
  (response) => response.ok,
  () => false,
);
process.exit(healthy ? 0 : 1);
