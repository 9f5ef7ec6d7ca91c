/** The bounds that the parameters of a step set, in words; the empty string: none. */
export function boundsInWords({ min, max }: Readonly<Record<string, unknown>>): string {
  return [
    ...(min === undefined ? [] : [`minimum ${min}`]),
    ...(max === undefined ? [] : [`maximum ${max}`]),
  ].join(', ');
}
