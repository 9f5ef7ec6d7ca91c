/** The field of a form that proves that the form was ours. */
export const csrfField = 'csrf';
