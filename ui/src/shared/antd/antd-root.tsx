import { ConfigProvider, theme, type ThemeConfig } from 'antd';
import en from 'antd/locale/en_US';
import zh from 'antd/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { useMemo, type ReactNode } from 'react';
import { useEffectiveTheme } from '../effective-theme';
import { usePrefs, type Language } from '../prefs';
import './antd.css';

const locales = { 'zh-CN': zh, en };
const dayjsLocales: Record<Language, string> = { 'zh-CN': 'zh-cn', en: 'en' };

// AntdRoot gives antd components our tokens and language. Only desk code may import it: antd is too heavy for a phone.
export function AntdRoot({ children }: { children: ReactNode }): ReactNode {
  const language = usePrefs((prefs) => prefs.language);
  const shown = useEffectiveTheme();
  const config = useMemo(() => antdTheme(shown), [shown]);
  dayjs.locale(dayjsLocales[language]);
  return (
    <ConfigProvider locale={locales[language]} theme={config} button={{ autoInsertSpace: false }}>
      {children}
    </ConfigProvider>
  );
}

// antdTheme reads styles/tokens.css as it holds now; antd computes with colours, so it needs values and not var().
function antdTheme(shown: 'light' | 'dark'): ThemeConfig {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue('--' + name).trim();
  return {
    algorithm: shown === 'dark' ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      colorPrimary: token('accent'),
      colorInfo: token('accent'),
      colorError: token('bad'),
      colorWarning: token('warn'),
      colorSuccess: token('good'),
      colorText: token('ink'),
      colorTextPlaceholder: token('ink-faint'),
      colorBorder: token('line-control'),
      colorBorderSecondary: token('line'),
      colorBgContainer: token('surface'),
      colorBgElevated: token('surface'),
      colorBgLayout: token('bg'),
      controlItemBgActive: token('accent-soft'),
      controlItemBgActiveHover: token('accent-line'),
      controlItemBgHover: token('surface-active'),
      colorPrimaryBg: token('accent-soft'),
      colorPrimaryHover: token('accent-hover'),
      boxShadowSecondary: token('lift'),
      borderRadius: 8,
      controlHeight: 32,
      fontSize: 14,
      fontFamily: 'inherit',
      controlOutlineWidth: 2,
      motionDurationMid: '0.12s',
      motionDurationSlow: '0.2s',
      zIndexPopupBase: 1000,
    },
    components: {
      Select: { optionSelectedBg: token('accent-soft'), optionSelectedFontWeight: 500, optionActiveBg: token('surface-active') },
      Table: { headerBg: token('surface-sunken'), rowHoverBg: token('surface-hover'), borderColor: token('line'), headerSplitColor: 'transparent' },
    },
  };
}
