export const camera = {
  start: '打开摄像头', again: '再试一次', starting: '正在打开摄像头…', aim: '将二维码放入框内', slow: '还没有识别到，可以改用拍照识别。', shot: '扫码取景', torchOn: '开灯', torchOff: '关灯', change: '换镜头 {n}/{m}', stop: '停止', zoom: '变焦', zoomIn: '放大', zoomOut: '缩小', times: '{n} 倍', mute: '静音',
  photo: '拍照识别', album: '从相册选', photoHint: '看不清时，拍一张或从相册选', reading: '正在识别…', typeLabel: '统一社会信用代码或企业码链接', typeHint: '18 位代码或 16 位纸质一次码，大小写均可；也可粘贴链接', use: '使用此代码',
  badCheck: '校验位不符，请核对第 18 位；确认无误也可提交。', badLength: '应为 18 位，现在是 {n} 位。', badSlip: '一次码与校验字符不符，请逐字核对。', badSlipLength: '一次码应为 16 位，现在是 {n} 位。', slipOrUscc: '作为 16 位一次码，与校验字符不符，请逐字核对；统一社会信用代码应为 18 位。', goodSlip: '一次码校验相符。',
  foreign: '这个二维码不是入企码。', foreignHolds: '扫到的内容：{text}', foreignNext: '请扫企业公示的入企码。营业执照上的码读不出代码时，请手动输入统一社会信用代码。', foreignSend: '仍要核验',
  denied: '没有摄像头权限。', deniedNext: '请在浏览器地址栏或系统设置里允许本站使用摄像头，再试一次；也可以拍照识别或手动输入。', noCamera: '没有可用的摄像头。', noCameraNext: '请用拍照识别或手动输入。', busyCamera: '摄像头正被占用。', busyCameraNext: '请关闭其他使用摄像头的应用后再试一次，或用拍照识别。',
  insecure: '网址不是 https 开头，浏览器不允许打开摄像头。', insecureNext: '请用 https 网址打开本站；也可以拍照识别、手动输入，或用系统相机扫码。', unsupported: '此浏览器不能打开摄像头。', unsupportedNext: '请升级或换一个浏览器；也可以拍照识别或手动输入。',
  inApp: '{app}不允许网页打开摄像头。', inAppNext: '请点右上角“⋯”，选“在浏览器打开”（没有这一项时，复制链接到浏览器打开）；也可以拍照识别或手动输入。', inAppNextApple: '请点右上角“⋯”，选“在默认浏览器中打开”，用 Safari 打开本页；也可以拍照识别或手动输入。',
  apps: { wechat: '微信', workWechat: '企业微信', alipay: '支付宝', dingtalk: '钉钉', qq: 'QQ' },
  revokedLocal: '手机上的作废名单说：此企业码已作废。', listedAt: '作废名单更新于 {at}。',
  noPicture: '摄像头没有画面。', noPictureNext: '请关闭其他使用摄像头的应用，看看镜头是否被挡住，再试一次；也可以拍照识别。', noReader: '识别程序没有加载。', noReaderNext: '请连上网络后再试一次，或手动输入统一社会信用代码。',
}
