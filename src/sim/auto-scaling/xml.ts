/** What an answer holds: text, a list (rendered as `member` elements) or nested elements; `undefined` is left out. */
export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlValue[]
  | { readonly [element: string]: XmlValue };

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Renders elements as the AWS Query protocol writes them. */
export function renderXml(value: XmlValue): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) {
    return value.map((member: XmlValue) => `<member>${renderXml(member)}</member>`).join('');
  }
  if (typeof value === 'object') {
    return Object.entries(value)
      .filter(([, content]) => content !== undefined)
      .map(([element, content]) => `<${element}>${renderXml(content)}</${element}>`)
      .join('');
  }
  return String(value).replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
