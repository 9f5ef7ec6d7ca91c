import type { Child } from 'hono/jsx';
import { Button } from './form.js';

/** A form that asks for something and changes nothing; what is asked stands in the address. */
export function SearchForm(props: { readonly action: string; readonly children?: Child }) {
  return (
    <search>
      <form method="get" action={props.action} class="search">
        {props.children}
        <Button>Search</Button>
      </form>
    </search>
  );
}
