/** What can be done with a target other than changing its size, as a test of a playbook writes it. */
export const effectWords = ['restart', 'rollback', 'drain', 'pause', 'activate', 'call'] as const;

export type EffectWord = (typeof effectWords)[number];
