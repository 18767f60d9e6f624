// ---- The words by which a form says what it is for ----

// Okta's own, of its widget in all languages that it has (its package, `dist/labels/json`:
// `primaryauth.submit`, `oform.next`, `oform.verify`, `factor.password`,
// `primaryauth.username.placeholder` and their like), and what else is usual. A word that is not
// here says nothing: a form is none to sign in with because it says nothing to the contrary.
// Words as they are compared: in small letters without marks above or below them, which languages
// leave out in capitals; with hyphens of one kind, and without the blanks that pages draw between
// two Chinese letters.
const lowered = (line) => plainly(line).normalize('NFKD').toLowerCase()
  .replace(/[\u0300-\u036f]/g, '').normalize('NFKC').replaceAll('ı', 'i').replaceAll('ς', 'σ')
  .replace(/[’`]/g, "'").replace(/[\u2010\u2011\u2212]/g, '-').replace(/\s+/g, ' ')
  .replace(/(?<=\p{Script=Han}) (?=\p{Script=Han})/gu, '');
const phrases = (...lines) => lines.join('|').split('|').map((one) => lowered(one));
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
  'clave | contrasenya | contrasinal | parola | parole | lozinka | geslo | parool | slaptažodis',
  'kodeord | lykilorð | passphrase | pass phrase | лозинка | парола | құпиясөз',
  'пароль | รหัสผ่าน | パスワード | 密码 | 密碼 | 비밀번호 | סיסמה | كلمة المرور | كلمة السر',
);
const ENTER_PASSWORD_PHRASES = phrases(
  'ange lösenord | anna salasana | idatzi pasahitza | indtast adgangskoden | ingresar contraseña',
  'ingrese su contraseña | ingresa tu contraseña | introduce tu contraseña | inserir senha',
  'introduzca su contraseña | digite sua senha | insira sua senha | inserisci la password',
  'introduceți parola | jelszó megadása | masukkan kata laluan | masukkan kata sandi',
  'nhập mật khẩu | oppgi passord | passwort eingeben | kennwort eingeben | rantre modpas',
  'geben sie ihr passwort ein | geben sie ihr kennwort ein | saisissez le mot de passe',
  'saisissez votre mot de passe | entrez votre mot de passe | wachtwoord invoeren',
  'voer je wachtwoord in | voer uw wachtwoord in | wprowadź hasło | zadejte heslo',
  'şifreyi girin | εισαγωγή συνθηματικού | введите пароль | введіть пароль | ป้อนรหัสผ่าน',
  'パスワードを入力 | パスワードを入力してください | 輸入密碼 | 输入密码 | 请输入密码 | 비밀번호 입력',
);
// What is good once or for a while, and a password by its name alone.
const FOR_ONCE = new RegExp('\\b(once|one[- ]time|otp|pin|temporary|temporal|memorable)\\b|' +
  'einmal|usage unique|solo uso|monouso|uso unico|uso unica|eenmalig|engang|tek kullan|' +
  'jednoraz|одноразов|' +
  'ワンタイム|一次性|動態|动态|일회용', 'i');
const USERNAME_PHRASES = phrases(
  'användarnamn | benutzername | benutzer | brugernavn | brukernavn | erabiltzaile-izena',
  'felhasználónév | gebruikersnaam | kullanıcı adı | käyttäjänimi | nama pengguna',
  "nazwa użytkownika | nom d'utilisateur | identifiant | nombre de usuario | usuario | usuário",
  'nome do usuário | nome utente | non itilizatè | nume utilizator | tên người dùng',
  "uživatelské jméno | όνομα χρήστη | имя пользователя | логин | ім'я користувача | ชื่อผู้ใช้",
  'ユーザー名 | 使用者名稱 | 用户名 | 사용자 이름 | שם משתמש | اسم المستخدم',
);

// What a heading says that greets.
const GREETINGS = phrases(
  'welcome | hello | hi | good morning | willkommen | hallo | guten tag | bienven | benvenut',
  'bem-vind | benvingu | bonjour | hola | ola | witaj | dzień dobry | hoş geldin | merhaba | chào',
  'selamat | välkommen | hej | velkommen | tervetuloa | vítejte | dobrý den | üdvözöl | bine',
  'ongi etorri | welkom | byenveni | καλώς | добро пожаловать | здравств | ласкаво | вітаємо',
  'ようこそ | こんにちは | 欢迎 | 歡迎 | 您好 | 환영 | 안녕 | ยินดีต้อนรับ | สวัสดี | ברוך | שלום | مرحب | أهلا',
);
const greets = (line) => GREETINGS.some((phrase) => lowered(line).startsWith(phrase));

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

// What only a button to sign in says, alone or with where it signs in: a name, whose letters are
// capitals, or the account; what comes of it may be anything.
const ONLY_SIGN_IN = /^(please |secure )?(sign|log)[ -]?(in|on)( (now|here|securely))?$/;
const TO = /^(to|at|with|à|au|en|a|al|bei|in|im|op|bij|på|em|na|no|w|do|в|til|hos|su) (.+)$/iu;
const ACCOUNT = new RegExp('^((your|my|the|our) [\\w-]*\\s?(account|portal|workspace|dashboard)|' +
  'continue|proceed|(mon|votre) compte|(mi|tu|su) cuenta|(mein|ihr|dein)(em)? konto|' +
  '(mijn|uw|je) account|(minha|sua) conta|(il )?(mio|tuo) account)$');
const NAME = /^\p{Lu}[^ ]*( [\p{Lu}\p{N}&][^ ]*)*$/u;
const isPlace = (words) => ACCOUNT.test(bare(words)) ||
  (NAME.test(words) && (/\p{Ll}/u.test(words) || !words.includes(' ')));
// What a line says behind a phrase for signing in and a word for "to", as it is written.
const placeIn = (line) => {
  const words = plainly(line).split(/\s+/);
  const counts = SIGN_IN_PHRASES.filter((phrase) => lowered(line).startsWith(`${phrase} `))
    .map((phrase) => phrase.split(' ').length);
  return (counts.length > 0 && TO.exec(words.slice(Math.max(...counts)).join(' '))?.[2]) || '';
};
const signsIn = (line) => ONLY_SIGN_IN.test(bare(line)) || isOneOf(line, SIGN_IN_PHRASES) ||
  isPlace(placeIn(line));
const leadsOn = (line) => isOneOf(line, GO_ON_PHRASES);
const tellsOfSigningIn = (line) => hasOneOf(line, SIGN_IN_PHRASES) ||
  /\b(sign|log)[ -](in|on)\b/.test(lowered(line));
// What a button says at last is what it does, but for what it does first: a word that is said of
// it, or one that goes on.
const endsBySigningIn = (line) => {
  const words = bare(line);
  const phrase = SIGN_IN_PHRASES
    .find((one) => words.endsWith(` ${one}`) || words.endsWith(`-${one}`));
  const before = phrase && words.slice(0, -phrase.length - 1);
  const [first, ...others] = before?.split(/ (?:and|&|\+)$/) ?? [''];
  const isWord = /^[\p{L}'-]+$/u.test(before ?? '');
  return before !== undefined && (others.length > 0 ? leadsOn(first) : isWord);
};
