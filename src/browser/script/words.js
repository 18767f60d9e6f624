// ---- The words by which a form says what it is for ----

// Okta's own, of its widget in all languages that it has (its package, `dist/labels/json`:
// `primaryauth.submit`, `oform.next`, `oform.verify`, `factor.password`,
// `primaryauth.username.placeholder` and their like), and what else is usual. A word that is not
// here says nothing: a form is none to sign in with because it says nothing to the contrary.
const phrases = (...lines) => lines.join('|').split('|').map((one) => one.trim());
const SIGN_IN_PHRASES = phrases(
  'sign in | sign on | signin | log in | log on | login | logon',
  'accedi | anmelden | einloggen | bejelentkezés | conectare | connexion | se connecter',
  "s'identifier | daftar masuk | fazer login | entrar | iniciar sessão | hasi saioa",
  'iniciar sesión | acceder | ingresar | inloggen | aanmelden | kirjaudu sisään | kirjaudu',
  'konekte | log ind | log på | logg inn | logga in | masuk | oturum aç | giriş yap | giriş',
  'přihlásit se | přihlásit | zaloguj | zaloguj się | đăng nhập | είσοδος | σύνδεση',
  'войти в систему | войти | вхід в систему | увійти | вхід | вход | เข้าสู่ระบบ',
  'サインイン | サインインする | ログイン | ログインする | 登入 | 登录 | 로그인 | כניסה | התחברות | התחבר | تسجيل الدخول | دخول',
);
const GO_ON_PHRASES = phrases(
  'next | continue | submit | verify | go | ok | proceed',
  'los | absenden | avanti | bekreft | berikutnya | bidali | continua | continuar | continuare',
  'continuer | dalej | další | devam | devam et | doorgaan | doğrula | egiaztatu | egin aurrera',
  'ellenőrzés | enviar | folytatás | fortsett | fortsetzen | fortsätt | fortsæt | gönder | gửi',
  'hurrengoa | indienen | invia | i̇leri | jatka | kirim | kontinye | kontynuuj | küldés',
  'lanjutkan | lähetä | mengesahkan | neste | nästa | næste | odeslat | ověřit | pokračovat',
  'próximo | pwochen | send inn | serah | seterusnya | seuraava | siguiente | soumettre | soumèt',
  'suivant | teruskan | tiếp | tiếp tục | tovább | trimite | varmenna | verifica | verificar',
  'verificare | verificér | verifiera | verifikasikan | verifizieren | verifiëren | verifye',
  'volgende | vérifier | weiter | weryfikuj | wyślij | xác minh | înainte | επαλήθευση | επόμενο',
  'συνέχεια | υποβολή | верифікувати | далее | далі | надіслати | подтвердить | проверить',
  'продовжити | продолжить | ดำเนินการต่อ | ตรวจสอบ | ถัดไป | ส่ง | 下一步 | 提交 | 次へ | 確認',
  '続行 | 繼續 | 继续 | 送信する | 驗證 | 验证 | 계속 | 다음 | 제출 | 확인 | המשך | הבא | متابعة | التالي',
);
const PASSWORD_PHRASES = phrases(
  'password | adgangskode | contraseña | hasło | heslo | jelszó | kata laluan | kata sandi',
  'lösenord | modpas | mot de passe | mật khẩu | parolă | pasahitza | passord | passwort',
  'kennwort | salasana | senha | palavra-passe | wachtwoord | şifre | συνθηματικό | κωδικός',
  'пароль | รหัสผ่าน | パスワード | 密码 | 密碼 | 비밀번호 | סיסמה | كلمة المرور | كلمة السر',
);
const USERNAME_PHRASES = phrases(
  'användarnamn | benutzername | benutzer | brugernavn | brukernavn | erabiltzaile-izena',
  'felhasználónév | gebruikersnaam | kullanıcı adı | käyttäjänimi | nama pengguna',
  "nazwa użytkownika | nom d'utilisateur | identifiant | nombre de usuario | usuario | usuário",
  'nome do usuário | nome utente | non itilizatè | nume utilizator | tên người dùng',
  "uživatelské jméno | όνομα χρήστη | имя пользователя | логин | ім'я користувача | ชื่อผู้ใช้",
  'ユーザー名 | 使用者名稱 | 用户名 | 사용자 이름 | שם משתמש | اسم المستخدم',
);

// What a heading says that greets.
const GREETING =
  /^(welcome|hello|hi|willkommen|hallo|bienven|benvenut|bem-vind|bonjour|hola|witaj|ようこそ)/;

const lowered = (line) =>
  plainly(line).normalize('NFKC').toLowerCase().replace(/[’`]/g, "'").replace(/\s+/g, ' ');
// Without arrows and the like around it.
const bare = (line) =>
  lowered(line).replace(/^[^\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+$/gu, '');
const isOneOf = (line, list) => list.includes(bare(line));
// Whether a line has one of these in it: a word of its own where letters make words.
const hasOneOf = (line, list) => {
  const words = lowered(line);
  const isLetter = (one) => /^[\p{L}\p{N}]$/u.test(one ?? '');
  const isAlphabetic = (phrase) =>
    /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/u.test(phrase);
  return list.some((phrase) => {
    const at = words.indexOf(phrase);
    return at >= 0 && (!isAlphabetic(phrase) ||
      !(isLetter(words[at - 1]) || isLetter(words[at + phrase.length])));
  });
};

// What only a button to sign in says, alone or with where it signs in.
const ONLY_SIGN_IN = /^(please |secure )?(sign|log)[ -]?(in|on)( (to|at|now|here|securely)\b.*)?$/;
const signsIn = (line) => ONLY_SIGN_IN.test(bare(line)) || isOneOf(line, SIGN_IN_PHRASES);
const leadsOn = (line) => isOneOf(line, GO_ON_PHRASES);
const tellsOfSigningIn = (line) => hasOneOf(line, SIGN_IN_PHRASES) ||
  /\b(sign|log)[ -](in|on)\b/.test(lowered(line));
// What a button says at last is what it does: what comes after "sign in" may be anything.
const endsBySigningIn = (line) => /\b(sign|log)[ -](in|on)$/.test(bare(line)) ||
  SIGN_IN_PHRASES.some((phrase) => bare(line).endsWith(phrase));
