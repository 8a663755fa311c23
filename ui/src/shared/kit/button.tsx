import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { Link, type To } from 'react-router';
import { Icon, type IconName } from './icon';

export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger' | 'link';

interface Look {
  kind?: ButtonKind;
  size?: 'small';
  icon?: IconName;
  wide?: boolean;
}

export interface ButtonProps extends Look, Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'> {
  // busy shows that the work has begun and refuses a second press; the button keeps its focus.
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ kind = 'plain', size, icon, wide, busy, children, onClick, type = 'button', ...rest }: ButtonProps): ReactNode {
  return (
    <button
      {...rest}
      type={type}
      className="sw-button"
      data-kind={kind}
      data-size={size}
      data-wide={wide ? '' : undefined}
      aria-disabled={busy ? true : undefined}
      aria-busy={busy ? true : undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy ? <span className="sw-spinner" aria-hidden="true" /> : icon && <Icon name={icon} size={size === 'small' ? 16 : 18} />}
      {children}
    </button>
  );
}

export interface LinkButtonProps extends Look {
  to: To;
  children: ReactNode;
}

// LinkButton looks like a button and goes somewhere.
export function LinkButton({ to, kind = 'plain', size, icon, wide, children }: LinkButtonProps): ReactNode {
  return (
    <Link to={to} className="sw-button" data-kind={kind} data-size={size} data-wide={wide ? '' : undefined}>
      {icon && <Icon name={icon} size={size === 'small' ? 16 : 18} />}
      {children}
    </Link>
  );
}

export interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'children' | 'aria-label'> {
  icon: IconName;
  label: string;
  kind?: ButtonKind;
  size?: 'small';
  ref?: Ref<HTMLButtonElement>;
}

// IconButton says its label to those who cannot see the icon, and as a tooltip.
export function IconButton({ icon, label, kind = 'quiet', size, type = 'button', ...rest }: IconButtonProps): ReactNode {
  return (
    <button {...rest} type={type} className="sw-button" data-square="" data-kind={kind} data-size={size} aria-label={label} title={label}>
      <Icon name={icon} size={size === 'small' ? 16 : 20} />
    </button>
  );
}
