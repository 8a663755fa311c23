import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app';
import { followTheme } from './shared/effective-theme';
import { startI18n } from './shared/i18n/i18n';
import './styles/tokens.css';
import './styles/base.css';
import './shared/kit/kit.css';
import './fields/fields.css';

followTheme();
await startI18n();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
