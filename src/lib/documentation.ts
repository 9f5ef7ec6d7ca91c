/**
 * The address of the published documentation. The site, the runbook links of the shipped rules
 * (`npm run generate`) and those of the engine's own alerts follow from it.
 */
export const documentationUrl = 'https://docs.jidoka.example/';

/** The address of the section of the operations page that tells what to do about an alert of Jidoka's own. */
export function runbookUrl(alertname: string): string {
  return `${documentationUrl}how-to/operations.html#${alertname.toLowerCase()}`;
}
