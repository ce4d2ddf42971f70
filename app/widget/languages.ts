/** Written by `build.py` from the registry: the launch languages, and who reads leftwards. */
export const LOCALES: Record<string, string> = {
  "en": "English",
  "zh-Hans": "简体中文",
  "zh-Hant": "繁體中文",
  "vi": "Tiếng Việt",
  "th": "ไทย",
  "ms": "Bahasa Melayu",
  "id": "Bahasa Indonesia",
  "fil": "Filipino",
  "km": "ខ្មែរ",
  "lo": "ລາວ",
  "my": "မြန်မာ",
  "ta": "தமிழ்",
  "hi": "हिन्दी",
  "bn": "বাংলা",
  "ja": "日本語",
  "ko": "한국어",
  "ar": "العربية",
  "es": "Español",
  "pt": "Português",
  "fr": "Français",
  "de": "Deutsch",
  "ru": "Русский"
};

export const RTL: string[] = ["ar"];
