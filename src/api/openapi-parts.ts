import { z } from 'zod';
import { pageOf } from './request-schema.js';

/*
 * Building blocks of an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1.html).
 */

/** A schema as OpenAPI 3.1 has it, which is JSON Schema 2020-12. Later versions may add fields. */
export function jsonSchema(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

/** A reference to a named schema. */
export function ref(name: string): object {
  return { $ref: `#/components/schemas/${name}` };
}

/** A JSON response. */
export function json(description: string, schema: object): object {
  return { description, content: { 'application/json': { schema } } };
}

/** A response in plain text. */
export function plain(description: string): object {
  return { description, content: { 'text/plain': { schema: { type: 'string' } } } };
}

/** A refusal. */
export function refusal(description: string): object {
  return json(description, ref('Error'));
}

/** An operation of the API that only operators may use. */
export function guarded(summary: string, responses: Readonly<Record<number, object>>) {
  return {
    summary,
    security: [{ admin: [] }, {}],
    responses: {
      ...responses,
      401: refusal('The token in JIDOKA_ADMIN_TOKEN is missing or wrong.'),
      403: refusal(
        'Without JIDOKA_ADMIN_TOKEN: the caller is on another machine, or a setting says that others reach the engine.',
      ),
      503: refusal('Not possible now, for example because Redis does not answer.'),
    },
  };
}

/** The path of a list. */
export function list(item: string, summary: string, query: z.ZodObject) {
  const page = jsonSchema(pageOf(z.unknown())) as { properties: Readonly<Record<string, object>> };
  const items = { ...page.properties.items, items: ref(item) };
  const operation = guarded(`${summary} Newest first.`, {
    200: json('A page.', { ...page, properties: { ...page.properties, items } }),
    400: refusal('A parameter is not valid.'),
  });
  return { get: { ...operation, parameters: parametersOf(query) } };
}

/** The parameters of a query. */
export function parametersOf(query: z.ZodObject) {
  return Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    schema: jsonSchema(schema as z.ZodType),
  }));
}

/** The paths of a record: its list, and one by its id. */
export function records(name: string, item: string, summary: string, query: z.ZodObject) {
  return {
    [`/api/v1/${name}`]: list(item, summary, query),
    [`/api/v1/${name}/{id}`]: {
      parameters: [idParameter],
      get: guarded(`Returns one of the ${name}.`, {
        200: json('It.', ref(item)),
        404: refusal('Nothing has this ID. Jidoka keeps ended records for 30 days.'),
      }),
    },
  };
}

/** The id in a path. */
export const idParameter = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string' },
};
