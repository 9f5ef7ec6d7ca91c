/** Whether this can be the name of one group; a wildcard or an empty text cannot. */
export function isGroupName(name: string): boolean {
  return /^[^*?:\p{Cc}]{1,255}$/u.test(name) && name.trim() === name;
}
