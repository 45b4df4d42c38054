import { Button } from '@graphiql/react';
import { type FormEvent, useEffect, useState } from 'react';
import { demoPeople, type Person, type SignInChoice, signIn, signInAs, signOut, useSession } from './session';

function People({ people, current }: { people: Person[]; current?: string }) {
  return (
    <div className="people" role="group" aria-labelledby="people-title">
      <span id="people-title">Sign in as:</span>
      {people.map(person => (
        <Button
          key={person.as}
          className={person.as === current ? 'active' : ''}
          aria-pressed={person.as === current}
          title={`${person.name}: ${person.hint}`}
          onClick={() => signInAs(person)}
        >
          {person.label}
        </Button>
      ))}
    </div>
  );
}

function SignInForm() {
  const [choices, setChoices] = useState<SignInChoice[]>([]);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const choice = choices[Number(form.get('choice'))];
    setChoices(await signIn(String(form.get('username')), String(form.get('password')), choice));
  }

  // Choices are those of one person.
  const forget = () => setChoices([]);

  return (
    <form aria-label="Sign in" onSubmit={submit}>
      <input name="username" aria-label="Username" placeholder="Username" autoComplete="username" required onChange={forget} />
      <input
        name="password"
        aria-label="Password"
        placeholder="Password"
        type="password"
        autoComplete="current-password"
        required
        onChange={forget}
      />
      {choices.length > 0 && (
        <select name="choice" aria-label="Workspace" autoFocus>
          {choices.map(({ workspace, as }, place) => (
            <option key={place} value={place}>
              {workspace.name}, as {as.toLowerCase()}
            </option>
          ))}
        </select>
      )}
      <Button type="submit">Sign in</Button>
    </form>
  );
}

export function SignInBar() {
  const { person, problem } = useSession();
  const [people, setPeople] = useState<Person[]>([]);
  useEffect(() => void demoPeople().then(setPeople), []);

  return (
    <header className="graphiql-container sign-in-bar">
      <h1>Portico</h1>
      {people.length > 0 && <People people={people} current={person?.as} />}
      <div className="session">
        <p role="alert">{problem}</p>
        <p role="status">
          {person ? (
            <>
              Signed in as <strong>{person.name}</strong>
              {person.hint && `: ${person.hint}`}
            </>
          ) : (
            'Not signed in'
          )}
        </p>
        {person ? <Button onClick={signOut}>Sign out</Button> : <SignInForm />}
      </div>
    </header>
  );
}
