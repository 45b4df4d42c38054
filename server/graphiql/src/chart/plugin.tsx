/** The chart pane of GraphiQL. What it needs is loaded when it is opened first. */
import './chart.css';
import { type GraphiQLPlugin, Spinner } from '@graphiql/react';
import { lazy, Suspense } from 'react';

const ChartPane = lazy(() => import('./ChartPane'));

const Icon = () => (
  <svg height="1em" width="1em" viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
    <path d="M2 2v15h16" strokeLinecap="round" strokeLinejoin="round" />
    <path d="M6 14v-4M10.5 14V6M15 14V3" strokeWidth="2.5" />
  </svg>
);

const Content = () => (
  <Suspense fallback={<Spinner />}>
    <ChartPane />
  </Suspense>
);

export const CHART_PLUGIN: GraphiQLPlugin = { title: 'Chart', icon: Icon, content: Content };
