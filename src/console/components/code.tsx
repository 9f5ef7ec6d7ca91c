/** A text as it stands, such as a playbook's YAML. It scrolls by itself where it is too wide. */
export function Code({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <section class="code" tabindex={0} aria-label={label}>
      <pre>
        <code>{text}</code>
      </pre>
    </section>
  );
}
