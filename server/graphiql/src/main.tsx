import './workers';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './style.css';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { CHART_PLUGIN } from './chart/plugin';
import analyst from './examples/analyst.graphql?raw';
import mobileApp from './examples/mobile-app.graphql?raw';
import singlePageApp from './examples/single-page-app.graphql?raw';
import statistics from './examples/statistics.graphql?raw';
import { fetcher } from './fetcher';
import { useSession } from './session';
import { SignInBar } from './SignInBar';
import { storage } from './storage';

const plugins = [HISTORY_PLUGIN, explorerPlugin(), CHART_PLUGIN];
const examples = [singlePageApp, mobileApp, analyst, statistics].map(query => ({ query }));

function App() {
  const { generation } = useSession();
  return (
    <>
      <SignInBar />
      <main>
        <GraphiQL
          key={generation}
          fetcher={fetcher}
          storage={storage}
          plugins={plugins}
          defaultTabs={examples}
          shouldPersistHeaders={false}
        >
          <GraphiQL.Logo>GraphiQL</GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}

createRoot(document.getElementById('root')!).render(<App />);
