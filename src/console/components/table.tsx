import type { Child } from 'hono/jsx';

/**
 * A table that reads as a list of cards where the screen is narrow.
 *
 * @param props.caption what it lists, for those who do not see it
 * @param props.columns the head of each column
 * @param props.rows a cell for each column
 */
export function Table(props: {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Child[])[];
}) {
  const { caption, columns, rows } = props;
  return (
    <table class="table">
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th scope="col">{column}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells) => (
          <tr>
            {cells.map((cell, index) => (
              <td data-label={columns[index]}>
                <div>{cell}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
