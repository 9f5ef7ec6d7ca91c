const form =
  /\$(?:(?<escaped>\$)|(?<plain>[A-Za-z_]\w*)|\{(?<name>[A-Za-z_]\w*)(?:(?<operator>:?[-?])(?<word>[^}]*))?\})/g;

/**
 * Puts variables in place as `docker stack deploy` does: `$NAME`, `${NAME}`, `${NAME:-default}`,
 * `${NAME-default}` and `${NAME:?error}`; `$$` stands for `$`. A variable that is not set is empty.
 *
 * @throws an error where a variable is required and missing.
 */
export function interpolate(text: string, env: Readonly<Record<string, string | undefined>>) {
  return text.replace(form, (...parts) => {
    const groups = parts.at(-1) as Readonly<Record<string, string | undefined>>;
    const { escaped, plain, operator = '', word = '' } = groups;
    if (escaped !== undefined) return '$';
    const name = plain ?? groups.name ?? '';
    const value = env[name];
    const isMissing = value === undefined || (operator.startsWith(':') && value === '');
    if (!isMissing) return value;
    if (operator.endsWith('?')) throw new Error(`variable ${name} is not set: ${word}`);
    return operator.endsWith('-') ? word : (value ?? '');
  });
}
