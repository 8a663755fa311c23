import type { InputHTMLAttributes, ReactNode } from 'react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/shared/kit/button';
import { Icon } from '@/shared/kit/icon';
import { Mark } from '@/shared/kit/mark';
import { PageTitle } from '@/shared/kit/page-title';
import { usePrefs } from '@/shared/prefs';
import './welcome.css';

// Welcome is the frame of the two pages that nobody is signed in on.
export function Welcome({ page, title, text, children }: { page: string; title: string; text: string; children: ReactNode }): ReactNode {
  const { t } = useTranslation();
  const { language, setLanguage } = usePrefs();
  return (
    <div className="sw-welcome">
      <PageTitle title={page} />
      <main className="sw-welcome-box">
        <div className="sw-welcome-brand">
          <Mark size={44} />
          <h1>{title}</h1>
          <p>{text}</p>
        </div>
        {children}
      </main>
      <footer className="sw-welcome-choices">
        <Button kind="quiet" size="small" icon="language" onClick={() => setLanguage(language === 'en' ? 'zh-CN' : 'en')}>
          {t('app.otherLanguage')}
        </Button>
      </footer>
    </div>
  );
}

interface EntryProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  help?: string;
}

// Entry is one labelled input.
export function Entry({ label, help, ...input }: EntryProps): ReactNode {
  const id = useId();
  return (
    <div className="sw-field">
      <label htmlFor={id} className="sw-field-label">
        {label}
      </label>
      <input id={id} className="sw-input" required aria-describedby={help ? id + '-help' : undefined} {...input} />
      {help && (
        <p id={id + '-help'} className="sw-help">
          {help}
        </p>
      )}
    </div>
  );
}

// Refusal says why it did not work, where it is read out.
export function Refusal({ title, detail }: { title: string; detail: string }): ReactNode {
  return (
    <div className="sw-summary" role="alert">
      <Icon name="alert" />
      <div>
        <strong>{title}</strong> {detail}
      </div>
    </div>
  );
}
