export { describe as GET } from '../../routes';
