import type { Pause, PauseScope } from '../../guard/pause.js';
import { Badge } from '../components/badge.js';
import { Button, Field, Form, Select } from '../components/form.js';
import { Ago, Until } from '../components/time.js';
import { mayChange, type Visitor } from '../visit.js';

/** How long a pause may be chosen to last; the empty one until it is lifted. */
const lengths = [
  { value: '30m', text: '30 minutes' },
  { value: '1h', text: '1 hour' },
  { value: '4h', text: '4 hours' },
  { value: '1d', text: '1 day' },
  { value: '', text: 'until resumed' },
] as const;

/**
 * Asks for a pause.
 *
 * @param props.scope what is paused; `null`: that is asked for, too
 */
export function PauseForm(props: { readonly scope: PauseScope | null; readonly visitor: Visitor }) {
  const { scope, visitor } = props;
  return (
    <Form action="/pauses" csrf={visitor.csrf}>
      <div class="fields">
        {scope === null ? (
          <>
            <Select id="pause-of" name="of" label="What" options={scopes} />
            <Field
              id="pause-name"
              name="name"
              label="Name"
              hint="Of the playbook, service or group."
            />
          </>
        ) : (
          <ScopeFields scope={scope} />
        )}
        <Select id="pause-for" name="for" label="For" options={lengths} />
        <Field id="pause-why" name="why" label="Reason" maxlength={500} required />
      </div>
      <Button danger>Pause</Button>
    </Form>
  );
}

const scopes = [
  { value: 'everything', text: 'Everything' },
  { value: 'playbook', text: 'A playbook' },
  { value: 'target', text: 'A service or group' },
  { value: 'up', text: 'Scaling up' },
  { value: 'down', text: 'Scaling down' },
] as const;

/** A pause that lasts, and the button that lifts it. */
export function PauseItem(props: {
  readonly pause: Pause;
  readonly nowMs: number;
  readonly visitor: Visitor;
}) {
  const { pause, nowMs, visitor } = props;
  const { by, why, sinceMs, untilMs } = pause;
  return (
    <>
      <div class="row">
        <Badge tone="warn">Paused</Badge>
        <b>{describeScope(pause)}</b>
        <span class="soft">
          by {by}, <Ago ms={sinceMs} nowMs={nowMs} />;{' '}
          {untilMs === null ? (
            'until resumed'
          ) : (
            <>
              ends <Until ms={untilMs} nowMs={nowMs} />
            </>
          )}
        </span>
      </div>
      <p>{why}</p>
      {mayChange(visitor) && (
        <Form action="/pauses/lift" csrf={visitor.csrf}>
          <ScopeFields scope={pause} />
          <Button>Resume</Button>
        </Form>
      )}
    </>
  );
}

function ScopeFields({ scope }: { readonly scope: PauseScope }) {
  const of = scope.of === 'direction' ? scope.name : scope.of;
  return (
    <>
      <input type="hidden" name="of" value={of} />
      {'name' in scope && <input type="hidden" name="name" value={scope.name} />}
    </>
  );
}

/** A scope as people say it: `the playbook scale-up`. */
function describeScope(scope: PauseScope): string {
  switch (scope.of) {
    case 'everything':
      return 'everything';
    case 'direction':
      return `scaling ${scope.name}`;
    case 'playbook':
    case 'target':
      return `the ${scope.of} ${scope.name}`;
  }
}
