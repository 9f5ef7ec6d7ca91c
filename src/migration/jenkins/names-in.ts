import { textOf, type XmlElement } from './xml.js';

/** Names below an element that a person looks for: of jobs, credentials, variables, and of what holds a secret. */
export function namesIn(element: XmlElement): string {
  const all = everyOne(element);
  const textsOf = (pattern: RegExp) =>
    all.filter(({ name }) => pattern.test(name)).flatMap(({ text }) => listed(text));
  const variables = [
    ...all
      .filter(({ name }) => name === 'propertiesContent' || name === 'properties')
      .flatMap(({ text }) => [...text.matchAll(/^\s*([A-Za-z_][\w.]*)\s*=/gm)])
      .map(([, name = '']) => name),
    ...all
      .filter(({ name }) => /Variable$|PasswordEntry$/.test(name))
      .map((one) => textOf(one, 'key') || textOf(one, 'name')),
  ];
  const secrets = all
    .filter(({ name, text, children }) => {
      const holds = children.length === 0 && !['', 'true', 'false'].includes(text.trim());
      return holds && /pass(?:word|phrase)|secret|token|accesskey|privatekey/i.test(name);
    })
    .map(({ name }) => name);
  const parts = [
    ['jobs', textsOf(/^(?:upstreamProjects|childProjects|projects?|jobName|jobs)$/)],
    ['credentials', textsOf(/^(?:credentialsId|jobCredentialId)$/)],
    ['variables', variables.filter((name) => name !== '')],
    ['not copied:', secrets],
  ] as const;
  return parts
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `; ${what} ${[...new Set(names)].join(', ')}`)
    .join('');
}

function listed(text: string): readonly string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

function everyOne(element: XmlElement): readonly XmlElement[] {
  return [element, ...element.children.flatMap(everyOne)];
}
